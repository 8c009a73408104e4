"""HTTP as registries speak it: authentication, retries, redirects, TLS, proxies. Knows nothing of images.

`Client` is the door: it takes a `Request` and gives back a `Response`. Every URL that a server names passes
`destination`, every secret stays inside `auth`, and only `wire` knows which HTTP library does the talking.
"""
