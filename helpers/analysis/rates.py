"""What a number of failures tells about a rate."""

import math


def wilson_interval(failures, trials):
    """The failure rates that fit `failures` of `trials`: low and high of Wilson's 95 % interval.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    z = 1.96
    rate = failures / trials
    middle = rate + z * z / (2 * trials)
    reach = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # Rounding must not push an end of the interval past the rate itself.
    return max(0.0, min(rate, (middle - reach) / scale)), min(
        1.0, max(rate, (middle + reach) / scale)
    )
