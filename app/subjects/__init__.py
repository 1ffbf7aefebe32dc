"""The protected people: today as part of a scan request, later stored on their own."""
