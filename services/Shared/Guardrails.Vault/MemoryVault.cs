namespace Gateway.Guardrails.Vault;

/// <summary>The vault of one edge. Bounded: conversations that were not used for longest go first, also before their time.</summary>
internal sealed class MemoryVault(TimeProvider time, TimeSpan? keep = null, long mostBytes = 64L * 1024 * 1024) : IVaultStore
{
    /// <summary>How long a conversation is kept after its last use.</summary>
    public static readonly TimeSpan DefaultKeep = TimeSpan.FromHours(24);

    // What an entry takes besides its bytes.
    private const int EntryOverhead = 128;

    private readonly Dictionary<string, LinkedListNode<Kept>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<Kept> _byUse = [];
    private readonly Lock _lock = new();
    private readonly TimeSpan _keep = keep ?? DefaultKeep;
    private long _bytes;

    /// <summary>Bytes kept, by estimate.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    public ValueTask<IReadOnlyCollection<KeyValuePair<string, byte[]>>> LoadAsync(string conversation, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Forget();
            if (!_byId.TryGetValue(conversation, out var node))
            {
                return new([]);
            }

            Touch(node);
            return new([.. node.Value.Entries]);
        }
    }

    public ValueTask<bool> TryAddAsync(string conversation, IReadOnlyCollection<KeyValuePair<string, byte[]>> entries, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Forget();
            if (!_byId.TryGetValue(conversation, out var node))
            {
                node = _byUse.AddLast(new Kept(conversation));
                _byId[conversation] = node;
            }

            Touch(node);
            if (entries.Any(e => node.Value.Entries.ContainsKey(e.Key)))
            {
                return new(false);
            }

            foreach (var (pseudonym, box) in entries)
            {
                node.Value.Entries[pseudonym] = box;
                var size = box.Length + (2 * pseudonym.Length) + EntryOverhead;
                node.Value.Bytes += size;
                _bytes += size;
            }

            while (_bytes > mostBytes && _byUse.Count > 1)
            {
                Remove(_byUse.First!);
            }

            return new(true);
        }
    }

    private void Touch(LinkedListNode<Kept> node)
    {
        node.Value.UsedAt = time.GetTimestamp();
        _byUse.Remove(node);
        _byUse.AddLast(node);
    }

    private void Forget()
    {
        while (_byUse.First is { } oldest && time.GetElapsedTime(oldest.Value.UsedAt) > _keep)
        {
            Remove(oldest);
        }
    }

    private void Remove(LinkedListNode<Kept> node)
    {
        _byUse.Remove(node);
        _byId.Remove(node.Value.Id);
        _bytes -= node.Value.Bytes;
    }

    private sealed class Kept(string id)
    {
        public string Id { get; } = id;

        public Dictionary<string, byte[]> Entries { get; } = new(StringComparer.Ordinal);

        public long Bytes { get; set; }

        public long UsedAt { get; set; }
    }
}
