"""Reports filed through a platform's interface: with the user's own token, after a preview, and only when confirmed."""
