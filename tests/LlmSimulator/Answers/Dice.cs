namespace Gateway.LlmSimulator.Answers;

/// <summary>Draws that depend on their arguments only (splitmix64), so that a seed gives the same run on every machine and thread order.</summary>
internal static class Dice
{
    public static ulong Draw(long seed, long index)
    {
        unchecked
        {
            var z = (ulong)seed + ((ulong)index + 1) * 0x9E3779B97F4A7C15UL;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }

    /// <summary>From 0 to <paramref name="bound"/> - 1.</summary>
    public static int Below(int bound, long seed, long index) => (int)(Draw(seed, index) % (ulong)bound);
}
