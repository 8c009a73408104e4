"""`apply`: many images, architectures and tags in one file, published as one."""
