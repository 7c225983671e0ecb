using Gateway.Contracts.Configuration;

namespace Gateway.Routing;

/// <summary>A public name or a pattern of them, in which one <c>*</c> stands for any characters.</summary>
public readonly struct NamePattern
{
    private readonly string _before;
    private readonly string _after;

    /// <summary>Reads a name or pattern.</summary>
    public NamePattern(string text)
    {
        Text = text;
        var star = text.IndexOf('*', StringComparison.Ordinal);
        IsPattern = star >= 0;
        _before = IsPattern ? text[..star] : text;
        _after = IsPattern ? text[(star + 1)..] : "";
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>True when there is a <c>*</c>.</summary>
    public bool IsPattern { get; }

    /// <summary>Whether a name matches, and what its <c>*</c> stands for.</summary>
    public bool Matches(ReadOnlySpan<char> name, out Range wildcard)
    {
        wildcard = default;
        if (!IsPattern)
        {
            return name.SequenceEqual(_before);
        }

        if (name.Length < _before.Length + _after.Length
            || !name.StartsWith(_before, StringComparison.Ordinal)
            || !name.EndsWith(_after, StringComparison.Ordinal))
        {
            return false;
        }

        wildcard = _before.Length..(name.Length - _after.Length);
        return true;
    }

    /// <summary>The first of a key's own routes whose model matches, or null.</summary>
    public static KeyRoute? Find(IReadOnlyList<KeyRoute> routes, ReadOnlySpan<char> model)
    {
        for (var i = 0; i < routes.Count; i++)
        {
            if (new NamePattern(routes[i].Model).Matches(model, out _))
            {
                return routes[i];
            }
        }

        return null;
    }
}
