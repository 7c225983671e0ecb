using System.Diagnostics.CodeAnalysis;

namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>The labels of one series: names and values as text, in the order they first came.</summary>
internal sealed class TagSet(KeyValuePair<string, string>[] tags)
{
    public KeyValuePair<string, string>[] Tags { get; } = tags;

    public static TagSet From(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = new KeyValuePair<string, string>[tags.Length];
        for (var i = 0; i < tags.Length; i++)
        {
            copy[i] = new KeyValuePair<string, string>(tags[i].Key, TagValue.ToText(tags[i].Value));
        }

        return new TagSet(copy);
    }
}

/// <summary>
/// Finds a series by the tags of a measurement without allocating: tags are compared as text and in any order, since
/// Prometheus would see the same series.
/// </summary>
internal sealed class TagSetComparer : IEqualityComparer<TagSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, TagSet>
{
    public static readonly TagSetComparer Instance = new();

    public bool Equals(TagSet? x, TagSet? y)
    {
        if (ReferenceEquals(x, y))
        {
            return true;
        }

        return x is not null && y is not null && x.Tags.Length == y.Tags.Length && Array.TrueForAll(x.Tags, t => Array.IndexOf(y.Tags, t) >= 0);
    }

    public int GetHashCode([DisallowNull] TagSet obj)
    {
        var hash = obj.Tags.Length;
        foreach (var (key, value) in obj.Tags)
        {
            hash += Mix(key, string.GetHashCode(value));
        }

        return hash;
    }

    public TagSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => TagSet.From(alternate);

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, TagSet other)
    {
        var tags = other.Tags;
        if (alternate.Length != tags.Length)
        {
            return false;
        }

        for (var i = 0; i < alternate.Length; i++)
        {
            // Callers nearly always give their tags in the same order; look further only when they do not.
            if (!Same(alternate[i], tags[i]) && !Contains(tags, alternate[i]))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = alternate.Length;
        foreach (var (key, value) in alternate)
        {
            hash += Mix(key, TagValue.GetHashCode(value));
        }

        return hash;
    }

    // Summed over the tags, so that their order does not matter.
    private static int Mix(string key, int value) => HashCode.Combine(key, value);

    private static bool Same(in KeyValuePair<string, object?> tag, in KeyValuePair<string, string> known)
        => string.Equals(tag.Key, known.Key, StringComparison.Ordinal) && TagValue.Equals(tag.Value, known.Value);

    private static bool Contains(KeyValuePair<string, string>[] tags, in KeyValuePair<string, object?> tag)
    {
        foreach (ref readonly var known in tags.AsSpan())
        {
            if (Same(tag, known))
            {
                return true;
            }
        }

        return false;
    }
}
