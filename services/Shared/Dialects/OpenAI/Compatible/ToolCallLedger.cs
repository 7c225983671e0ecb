namespace Gateway.Dialects.OpenAI.Compatible;

/// <summary>
/// The tool calls of one stream so far: which index each has, by a hash of its id. It notices a provider that gives two calls one index, or none, and
/// finds indexes of its own for them. Not thread-safe.
/// </summary>
internal sealed class ToolCallLedger
{
    private const int MaxCalls = 1_024;

    private readonly List<Entry> _entries = [];

    /// <summary>True when indexes had to be changed: from then on every piece is looked up.</summary>
    public bool HasChangedIndexes { get; private set; }

    /// <summary>Notes a piece that is as it should be.</summary>
    /// <returns>False when its index is another call's.</returns>
    public bool Observe(int choice, int index, ReadOnlySpan<byte> id, bool hasName)
    {
        if (HasChangedIndexes)
        {
            return false;
        }

        var hash = Hash(id);
        foreach (var entry in _entries)
        {
            if (entry.Choice == choice && entry.Index == index)
            {
                return id.IsEmpty || !hasName || entry.Id == hash;
            }
        }

        Add(choice, index, index, hash);
        return true;
    }

    /// <summary>True when a call with that index has begun.</summary>
    public bool Knows(int choice, int? wireIndex) => Find(choice, wireIndex) is not null;

    /// <summary>The index to write for a piece.</summary>
    /// <param name="choice">Its choice.</param>
    /// <param name="wireIndex">The index it came with, or null.</param>
    /// <param name="id">Its id, or empty.</param>
    /// <param name="hasName">True when it names a tool.</param>
    public int IndexOf(int choice, int? wireIndex, ReadOnlySpan<byte> id, bool hasName)
    {
        var hash = Hash(id);
        var known = Find(choice, wireIndex);
        var isSame = known is { } entry && (id.IsEmpty ? wireIndex is not null || !hasName : entry.Id == hash || !hasName);
        if (!isSame && !id.IsEmpty)
        {
            foreach (var candidate in _entries)
            {
                if (candidate.Choice == choice && candidate.Id == hash)
                {
                    return candidate.Index;
                }
            }
        }

        if (isSame)
        {
            return known!.Value.Index;
        }

        var next = 0;
        var isTaken = known is not null;
        foreach (var candidate in _entries)
        {
            if (candidate.Choice == choice)
            {
                next = Math.Max(next, candidate.Index + 1);
                isTaken |= candidate.Index == wireIndex;
            }
        }

        var index = wireIndex is { } free && !isTaken ? free : next;
        HasChangedIndexes |= index != wireIndex;
        Add(choice, wireIndex, index, hash);
        return index;
    }

    private void Add(int choice, int? wireIndex, int index, ulong id)
    {
        if (_entries.Count < MaxCalls)
        {
            _entries.Add(new Entry(choice, wireIndex, index, id));
        }
    }

    /// <summary>The last call that began with that index; without an index, the last one.</summary>
    private Entry? Find(int choice, int? wireIndex)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Choice == choice && (wireIndex is null || _entries[i].WireIndex == wireIndex))
            {
                return _entries[i];
            }
        }

        return null;
    }

    /// <summary>FNV-1a; ids are compared within one answer only.</summary>
    private static ulong Hash(ReadOnlySpan<byte> id)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in id)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return hash;
    }

    private readonly record struct Entry(int Choice, int? WireIndex, int Index, ulong Id);
}
