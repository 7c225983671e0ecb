using System.IO.Enumeration;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>Texts that are allowed, without regard to case; <c>*</c> stands for any characters.</summary>
public sealed class AllowList
{
    // More would make every finding dear: matching a text against an entry with stars costs their lengths multiplied.
    private const int LongestText = 512;

    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _plain;
    private readonly string[] _withStars;

    /// <summary>A list.</summary>
    /// <param name="entries">The entries.</param>
    public AllowList(IEnumerable<string> entries)
    {
        var all = entries.ToList();
        var plain = all.Where(static e => !e.Contains('*')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _plain = plain.GetAlternateLookup<ReadOnlySpan<char>>();
        _withStars = [.. all.Where(static e => e.Contains('*')).Select(static e => e.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal))];
        IsEmpty = all.Count == 0;
    }

    /// <summary>Whether nothing is listed.</summary>
    public bool IsEmpty { get; }

    /// <summary>Whether a text is listed.</summary>
    /// <param name="text">The text.</param>
    public bool Contains(ReadOnlySpan<char> text)
    {
        if (_plain.Contains(text))
        {
            return true;
        }

        if (text.Length > LongestText)
        {
            return false;
        }

        foreach (var entry in _withStars)
        {
            if (FileSystemName.MatchesSimpleExpression(entry, text, ignoreCase: true))
            {
                return true;
            }
        }

        return false;
    }
}
