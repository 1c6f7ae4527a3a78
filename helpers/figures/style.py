"""The same colours, words and sizes in every figure. Colours are Okabe and Ito's, never used alone."""

KEPT = "#0072B2"
LOST = "#D55E00"
WAIT = "#E69F00"
GOOD = "#007A5A"  # their green, darkened until it reads as text on white
CUT_OFF = "#6A3D9A"  # the time was over: neither right nor wrong
INK = "#222222"
PALE = "#CFE3F1"

WIDTH, HEIGHT = 9.6, 4.3  # inches
DPI = 200  # twice what a browser shows: sharp on a high-density screen


def verdict_colour(verdict):
    """Green for correct, purple for cut off, vermilion for all else; the words beside it say the same."""
    return {"correct": GOOD, "timed_out": CUT_OFF}.get(verdict, LOST)


def bare(ax):
    """Take away the box: only the lower and left lines stay."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=9, length=3)


def title(ax, text, colour=INK, pad=10):
    """The result as a sentence, over the axes and flush with them, `pad` points above."""
    return ax.set_title(text, loc="left", color=colour, fontsize=11.5, fontweight="bold", pad=pad)
