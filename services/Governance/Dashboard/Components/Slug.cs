namespace Gateway.Dashboard.Components;

/// <summary>Texts as parts of ids.</summary>
public static class Slug
{
    public static string Of(string text) => new([.. text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
}
