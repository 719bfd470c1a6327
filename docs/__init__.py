"""What Puntual is, how it is used and why it is as it is; ``docs.site`` makes a site of it."""
