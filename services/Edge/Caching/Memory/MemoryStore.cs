using System.Collections.Concurrent;
using Gateway.Edge.Caching.Keys;

namespace Gateway.Edge.Caching.Memory;

/// <summary>
/// Answers in the memory of this edge, bounded by bytes. When there is no room, of some that are drawn the one goes that is worth least: what it saved for each byte it takes, with
/// what has not been asked for in a long time losing against what is new (GreedyDual-Size-Frequency). Reading takes no lock.
/// </summary>
internal sealed class MemoryStore(TimeProvider time)
{
    private const int Draws = 16;

    // What an answer is worth that cost nothing, for example of a model of one's own: the time that it saves.
    private const double LeastWorth = 1_000;

    private readonly ConcurrentDictionary<CacheKey, Slot> _slots = new();
    private readonly List<Slot> _all = [];
    private readonly Lock _changing = new();
    private readonly Random _random = new(1);
    private double _clock;
    private long _bytes;
    private long _evicted;

    /// <summary>Bytes that the answers take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public int Count => _slots.Count;

    /// <summary>Answers that went for want of room.</summary>
    public long Evicted => Interlocked.Read(ref _evicted);

    /// <summary>All answers, in no order.</summary>
    public IEnumerable<StoredAnswer> Answers => _slots.Values.Select(static s => s.Answer);

    /// <summary>Finds an answer, also one that is out of date.</summary>
    public StoredAnswer? Find(in CacheKey key)
    {
        if (!_slots.TryGetValue(key, out var slot))
        {
            return null;
        }

        slot.Hits++;
        slot.Worth = Volatile.Read(ref _clock) + Value(slot);
        return slot.Answer;
    }

    /// <summary>Keeps an answer in the place of one with the same key.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="most">Bytes that all answers may take.</param>
    /// <returns>False when it has no room even alone.</returns>
    public bool Put(StoredAnswer answer, long most)
    {
        if (answer.Bytes > most)
        {
            return false;
        }

        lock (_changing)
        {
            RemoveLocked(answer.Key);
            while (_bytes + answer.Bytes > most && _all.Count > 0)
            {
                Evict();
            }

            var slot = new Slot(answer) { Place = _all.Count };
            slot.Worth = _clock + Value(slot);
            _all.Add(slot);
            _slots[answer.Key] = slot;
            Interlocked.Add(ref _bytes, answer.Bytes);
        }

        return true;
    }

    public bool Remove(in CacheKey key)
    {
        lock (_changing)
        {
            return RemoveLocked(key);
        }
    }

    /// <summary>Removes what fits.</summary>
    /// <returns>How many there were.</returns>
    public int RemoveAll(Predicate<StoredAnswer> fits)
    {
        var removed = 0;
        foreach (var (key, slot) in _slots)
        {
            if (fits(slot.Answer) && Remove(key))
            {
                removed++;
            }
        }

        return removed;
    }

    /// <summary>Brings the store within a bound that was lowered.</summary>
    public void Fit(long most)
    {
        lock (_changing)
        {
            while (_bytes > most && _all.Count > 0)
            {
                Evict();
            }
        }
    }

    private static double Value(Slot slot) => (slot.Hits + 1) * Math.Max(LeastWorth, slot.Answer.CostNanoUsd) / slot.Answer.Bytes;

    private void Evict()
    {
        var now = time.GetUtcNow();
        var least = _all[_random.Next(_all.Count)];
        for (var i = 1; i < Draws && least.Answer.StaleUntil > now; i++)
        {
            var drawn = _all[_random.Next(_all.Count)];
            least = drawn.Answer.StaleUntil <= now || drawn.Worth < least.Worth ? drawn : least;
        }

        if (least.Answer.StaleUntil > now)
        {
            Volatile.Write(ref _clock, Math.Max(_clock, least.Worth));
            Interlocked.Increment(ref _evicted);
        }

        RemoveLocked(least.Answer.Key);
    }

    private bool RemoveLocked(in CacheKey key)
    {
        if (!_slots.TryRemove(key, out var slot))
        {
            return false;
        }

        var last = _all[^1];
        _all[slot.Place] = last;
        last.Place = slot.Place;
        _all.RemoveAt(_all.Count - 1);
        Interlocked.Add(ref _bytes, -slot.Answer.Bytes);
        return true;
    }

    private sealed class Slot(StoredAnswer answer)
    {
        public StoredAnswer Answer { get; } = answer;

        /// <summary>Place among all, under the lock.</summary>
        public int Place { get; set; }

        /// <summary>Counted without a lock: one that is lost among many does not matter.</summary>
        public long Hits { get; set; }

        public double Worth { get; set; }
    }
}
