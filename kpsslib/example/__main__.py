"""`python -m kpsslib.example` writes the committed sample and digest of the model region anew."""

from kpsslib.example.committed import write_committed

if __name__ == "__main__":
    write_committed()
