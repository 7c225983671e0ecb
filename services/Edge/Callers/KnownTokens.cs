using System.Collections.Concurrent;
using Gateway.Edge.Accounts;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Callers;

/// <summary>Tokens that have been checked, by SHA-256, so that each is checked once in a while and not with every request.</summary>
internal sealed class KnownTokens
{
    private const int Most = 20_000;

    // A key that its issuer withdraws is noticed within this time.
    private static readonly TimeSpan Trust = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<KeyHash, Known> _known = new();
    private int _count;

    public KeyRuntime? Find(in KeyHash hash, DateTimeOffset now) => _known.TryGetValue(hash, out var known) && now < known.Until ? known.Key : null;

    public void Add(in KeyHash hash, KeyRuntime key, DateTimeOffset now)
    {
        if (Interlocked.Increment(ref _count) > Most)
        {
            // Everything at once: to check a token again costs less than to know which of them matter.
            _known.Clear();
            Volatile.Write(ref _count, 0);
        }

        _known[hash] = new Known(key, now + Trust);
    }

    private sealed record Known(KeyRuntime Key, DateTimeOffset Until);
}
