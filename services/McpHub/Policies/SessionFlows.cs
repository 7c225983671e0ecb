using System.Collections.Concurrent;
using Gateway.Mcp.Flow;
using Gateway.McpHub.Callers;

namespace Gateway.McpHub.Policies;

/// <summary>
/// What each session has read. A caller without sessions has one for his key and end user, which is forgotten after an hour without a call. Bounded: beyond that the one not used for longest goes
/// first.
/// </summary>
internal sealed class SessionFlows(TimeProvider time)
{
    /// <summary>Most sessions that are remembered.</summary>
    public const int Most = 100_000;

    private static readonly TimeSpan _kept = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Entry> _sessions = new(StringComparer.Ordinal);

    /// <summary>How many sessions are remembered.</summary>
    public int Count => _sessions.Count;

    /// <summary>The session of a caller.</summary>
    public SessionFlow Of(HubCaller caller)
    {
        var now = time.GetTimestamp();
        var name = Name(caller);
        var entry = _sessions.GetOrAdd(name, static _ => new Entry());
        entry.UsedAt = now;
        if (_sessions.Count > Most)
        {
            MakeRoom(now);
        }

        return entry.Flow;
    }

    /// <summary>What a session is known by. One key's session is never another's, whatever id it has.</summary>
    public static string Name(HubCaller caller) => caller.Session is { Length: > 0 } session ? $"s\n{caller.KeyId}\n{session}" : $"k\n{caller.KeyId}\n{caller.EndUser}";

    private void MakeRoom(long now)
    {
        foreach (var (name, entry) in _sessions)
        {
            if (time.GetElapsedTime(entry.UsedAt, now) > _kept)
            {
                _sessions.TryRemove(name, out _);
            }
        }

        // A tenth at once, so that not every call has to look.
        foreach (var (name, _) in _sessions.Count > Most ? _sessions.OrderBy(static s => s.Value.UsedAt).Take(Most / 10).ToList() : [])
        {
            _sessions.TryRemove(name, out _);
        }
    }

    private sealed class Entry
    {
        private long _usedAt;

        public SessionFlow Flow { get; } = new();

        public long UsedAt
        {
            get => Interlocked.Read(ref _usedAt);
            set => Interlocked.Exchange(ref _usedAt, value);
        }
    }
}
