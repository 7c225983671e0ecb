using System.Buffers;

namespace Gateway.Accounts;

/// <summary>The form of tags, on keys and on requests.</summary>
public static class Tags
{
    /// <summary>Most tags of a key, and most that a request may add.</summary>
    public const int Most = 50;

    /// <summary>Longest tag in characters.</summary>
    public const int Length = 64;

    /// <summary>What a tag must look like; a sentence that goes on after its place.</summary>
    public const string Form = "must have 1 to 64 letters, digits and - _ . : /";

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/");

    /// <summary>True for a tag of the right form.</summary>
    public static bool IsGood(ReadOnlySpan<char> tag) => tag.Length is > 0 and <= Length && !tag.ContainsAnyExcept(Characters);
}
