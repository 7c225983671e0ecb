using System.Runtime.CompilerServices;

namespace Gateway.Edge.Runtime;

/// <summary>What differs between two lists of entries. An entry is the same when it is the same object: configurations that were made from each other share what did not change.</summary>
/// <param name="Before">Entries that are no longer there, or not like this.</param>
/// <param name="After">Entries that are new, or changed.</param>
internal sealed record EntryChanges<T>(IReadOnlyList<T> Before, IReadOnlyList<T> After)
    where T : class
{
    public static EntryChanges<T> None { get; } = new([], []);

    public bool IsEmpty => Before.Count == 0 && After.Count == 0;

    public static EntryChanges<T> Between(IReadOnlyList<T> before, IReadOnlyList<T> after)
    {
        if (ReferenceEquals(before, after))
        {
            return None;
        }

        // Mostly one entry differs, and all before and behind it are the same.
        var start = 0;
        var shorter = Math.Min(before.Count, after.Count);
        while (start < shorter && ReferenceEquals(before[start], after[start]))
        {
            start++;
        }

        var end = 0;
        while (end < shorter - start && ReferenceEquals(before[before.Count - 1 - end], after[after.Count - 1 - end]))
        {
            end++;
        }

        var gone = new HashSet<T>(before.Skip(start).Take(before.Count - end - start), Same.Instance);
        var come = new List<T>();
        for (var i = start; i < after.Count - end; i++)
        {
            if (!gone.Remove(after[i]))
            {
                come.Add(after[i]);
            }
        }

        return new EntryChanges<T>([.. gone], come);
    }

    /// <summary>What names the entries of both.</summary>
    public HashSet<string> Ids(Func<T, string> id) => [.. Before.Select(id), .. After.Select(id)];

    private sealed class Same : IEqualityComparer<T>
    {
        public static Same Instance { get; } = new();

        public bool Equals(T? x, T? y) => ReferenceEquals(x, y);

        public int GetHashCode(T obj) => RuntimeHelpers.GetHashCode(obj);
    }
}
