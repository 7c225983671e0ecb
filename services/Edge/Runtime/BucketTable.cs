using System.Numerics;

namespace Gateway.Edge.Runtime;

/// <summary>
/// A hash table that is never changed and cheap to derive another from: buckets of a few items each, of which a changed table shares all but those that it touches. A look
/// is two reads and a comparison, however many changes came before.
/// </summary>
internal sealed class BucketTable<T>
{
    private const int PerBucket = 4;

    private readonly T[][] _buckets;

    private BucketTable(T[][] buckets, int count)
    {
        _buckets = buckets;
        Count = count;
    }

    public static BucketTable<T> Empty { get; } = new([[]], 0);

    public int Count { get; }

    public IEnumerable<T> All => _buckets.SelectMany(static b => b);

    /// <summary>The items whose hash leads here, and others.</summary>
    public ReadOnlySpan<T> Bucket(int hash) => _buckets[hash & (_buckets.Length - 1)];

    /// <summary>A table like this one to change.</summary>
    /// <param name="expected">How many items it will have.</param>
    /// <param name="hash">Hash of an item.</param>
    public Editor Edit(int expected, Func<T, int> hash) => new(this, expected, hash);

    /// <summary>A table in the making.</summary>
    internal sealed class Editor
    {
        private readonly Func<T, int> _hash;
        private readonly T[][] _buckets;
        private int _count;

        public Editor(BucketTable<T> from, int expected, Func<T, int> hash)
        {
            _hash = hash;
            var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, expected / PerBucket));
            if (size <= from._buckets.Length && size * 4 >= from._buckets.Length)
            {
                _buckets = [.. from._buckets];
                _count = from.Count;
                return;
            }

            _buckets = new T[size][];
            Array.Fill(_buckets, []);
            foreach (var item in from.All)
            {
                Add(item);
            }
        }

        public ReadOnlySpan<T> Bucket(int hash) => _buckets[hash & (_buckets.Length - 1)];

        public void Add(T item)
        {
            ref var bucket = ref _buckets[_hash(item) & (_buckets.Length - 1)];
            bucket = [.. bucket, item];
            _count++;
        }

        public void Remove(int hash, Predicate<T> which)
        {
            ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
            var left = Array.FindAll(bucket, item => !which(item));
            _count -= bucket.Length - left.Length;
            bucket = left;
        }

        public BucketTable<T> Build() => new(_buckets, _count);
    }
}
