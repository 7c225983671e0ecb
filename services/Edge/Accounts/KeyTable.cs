using Gateway.Edge.Runtime;

namespace Gateway.Edge.Accounts;

/// <summary>All virtual keys by each of their values and by their ids: immutable, and cheap to derive a changed one from.</summary>
internal sealed class KeyTable
{
    private readonly BucketTable<Value> _byHash;
    private readonly BucketTable<KeyRuntime> _byId;

    private KeyTable(BucketTable<Value> byHash, BucketTable<KeyRuntime> byId)
    {
        _byHash = byHash;
        _byId = byId;
    }

    public static KeyTable Empty { get; } = new(BucketTable<Value>.Empty, BucketTable<KeyRuntime>.Empty);

    /// <summary>How many values open something; a key that was rotated lately has two.</summary>
    public int Count => _byHash.Count;

    /// <summary>How many keys there are.</summary>
    public int KeyCount => _byId.Count;

    /// <summary>The key of each value.</summary>
    public IEnumerable<KeyRuntime> Values => _byHash.All.Select(static v => v.Key);

    /// <summary>The values, and what they open.</summary>
    public IEnumerable<KeyValuePair<KeyHash, KeyRuntime>> All => _byHash.All.Select(static v => KeyValuePair.Create(v.Hash, v.Key));

    public KeyRuntime? Find(in KeyHash hash)
    {
        foreach (ref readonly var value in _byHash.Bucket(hash.GetHashCode()))
        {
            if (value.Hash == hash)
            {
                return value.Key;
            }
        }

        return null;
    }

    public KeyRuntime? Find(ReadOnlySpan<char> id) => Find(_byId.Bucket(string.GetHashCode(id)), id);

    /// <summary>A table like this one to change.</summary>
    /// <param name="expected">How many keys it will have.</param>
    public Editor Edit(int expected) => new(this, expected);

    private static KeyRuntime? Find(ReadOnlySpan<KeyRuntime> bucket, ReadOnlySpan<char> id)
    {
        foreach (var key in bucket)
        {
            if (id.SequenceEqual(key.Id))
            {
                return key;
            }
        }

        return null;
    }

    private readonly record struct Value(KeyHash Hash, KeyRuntime Key);

    /// <summary>A table in the making.</summary>
    internal sealed class Editor(KeyTable from, int expected)
    {
        private readonly BucketTable<Value>.Editor _byHash = from._byHash.Edit(expected, static v => v.Hash.GetHashCode());
        private readonly BucketTable<KeyRuntime>.Editor _byId = from._byId.Edit(expected, static k => IdHash(k.Id));

        public bool Has(string id) => Find(_byId.Bucket(IdHash(id)), id) is not null;

        /// <summary>Adds what a value opens.</summary>
        /// <returns>The id of the key that the value opens already, or null.</returns>
        public string? Add(KeyHash hash, KeyRuntime key)
        {
            foreach (ref readonly var value in _byHash.Bucket(hash.GetHashCode()))
            {
                if (value.Hash == hash)
                {
                    return value.Key.Id;
                }
            }

            _byHash.Add(new Value(hash, key));
            if (!Has(key.Id))
            {
                _byId.Add(key);
            }

            return null;
        }

        /// <summary>Removes a value of a key, and the key.</summary>
        public void Remove(KeyHash hash, string id)
        {
            _byHash.Remove(hash.GetHashCode(), v => v.Hash == hash && v.Key.Id == id);
            _byId.Remove(IdHash(id), k => k.Id == id);
        }

        public KeyTable Build() => new(_byHash.Build(), _byId.Build());

        private static int IdHash(string id) => string.GetHashCode(id.AsSpan());
    }
}
