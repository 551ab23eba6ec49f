"""The public report page's API: reports without an account, and how they go on."""
