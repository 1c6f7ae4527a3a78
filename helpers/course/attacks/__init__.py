"""The attacks on a learner's file: one module for each exercise, and the parts that they share.

An attack takes the file's path and gives a Failure, or None where the file held out.
"""
