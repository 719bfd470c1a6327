"""Operations: counters, metrics, model source, signals, health, the server with its workers."""
