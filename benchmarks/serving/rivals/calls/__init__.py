"""Ways to have LightGBM score one row; each gives `prepare`: an artifact -> (a row -> its log-odds).

One thread a call: where the cores are busy, LightGBM's default of all of them is many times slower.
"""
