"""Everything that leaves the machine goes through here: checked addresses, bounded replies, paced and counted calls."""
