"""What panels are made of: sliders and buttons that start real processes, and the picture of what happened.

Experiments never run on the kernel's callback thread: Stop and every other cell stay at hand.
"""
