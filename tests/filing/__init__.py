"""Filing reports: the service on a database of its own, and the platforms at the other end of a socket."""
