namespace Gateway.Mcp.Matching;

/// <summary>A text in which <c>*</c> stands for any characters, none among them. Compared by code unit.</summary>
public sealed class Wildcard
{
    private readonly string _text;

    /// <summary>Makes one.</summary>
    /// <param name="text">The text.</param>
    public Wildcard(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
        IsLiteral = !text.Contains('*', StringComparison.Ordinal);
        IsPath = text.AsSpan().IndexOfAny('/', '\\') >= 0;
    }

    /// <summary>As it is written.</summary>
    public string Text => _text;

    /// <summary>True when it stands for itself only.</summary>
    public bool IsLiteral { get; }

    /// <summary>True when it has a slash of either kind.</summary>
    public bool IsPath { get; }

    /// <summary>Whether it stands for a text. In time proportional to the product of both lengths at worst.</summary>
    /// <param name="text">The text.</param>
    public bool Matches(ReadOnlySpan<char> text)
    {
        if (IsLiteral)
        {
            return text.SequenceEqual(_text);
        }

        var (at, seen, star, from) = (0, 0, -1, 0);
        while (seen < text.Length)
        {
            if (at < _text.Length && _text[at] == '*')
            {
                (star, from) = (at++, seen);
            }
            else if (at < _text.Length && _text[at] == text[seen])
            {
                at++;
                seen++;
            }
            else if (star >= 0)
            {
                // The last star takes one character more.
                (at, seen) = (star + 1, ++from);
            }
            else
            {
                return false;
            }
        }

        while (at < _text.Length && _text[at] == '*')
        {
            at++;
        }

        return at == _text.Length;
    }

    /// <inheritdoc />
    public override string ToString() => _text;
}
