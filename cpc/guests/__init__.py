"""Guests made from Debian packages: kernels, initial RAM disks, and the machines that boot them.

debian.py fetches packages, kernels.py takes kernels apart, cpio.py and initrd.py make initial RAM disks, console.py
runs a machine and reads its verdict from the console; uml.py, tcg.py, kvm.py and nested.py are the machines.
Nothing here needs root or installs anything: packages are unpacked in the cache.
"""
