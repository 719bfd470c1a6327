"""The families of models; each fits, then exports plain arrays or text."""
