"""Where content lives, behind one small protocol: a registry's repository, an OCI layout, memory."""
