"""What pyproject.toml cannot say: data files, of which the kernel is one, also in an editable installation."""

from setuptools import Distribution, setup

Distribution.has_data = Distribution.has_data_files  # setuptools 84 asks for the first name and defines the second

setup()
