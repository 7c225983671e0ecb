namespace Gateway.Guardrails.Engine.Changes;

/// <summary>Numbers that look random and depend on nothing but a key and a text.</summary>
internal sealed class Draws(ReadOnlySpan<byte> key, string kind, string text, int attempt)
{
    private readonly byte[] _seed = KeyedHash.Bytes(key, kind, text, attempt);
    private int _drawn;

    /// <summary>A number from 0 up to but not including <paramref name="limit"/>.</summary>
    public int Next(int limit)
    {
        // A counter through a mixer: the seed is secret, so the few low values that come up more often tell nothing.
        var x = BitConverter.ToUInt64(_seed, _drawn % 3 * 8) + ((ulong)++_drawn * 0x9E3779B97F4A7C15UL);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return (int)((x ^ (x >> 31)) % (ulong)limit);
    }

    public string Pick(ReadOnlySpan<string> values) => values[Next(values.Length)];
}
