using System.Buffers;

namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>A text as it is read, with the way back to where each character stood. Its memory is borrowed: dispose it once.</summary>
public sealed class FoldedText : IDisposable
{
    private readonly int _originalLength;
    private char[] _text;
    private int[] _origins;

    internal FoldedText(char[] text, int[] origins, int length, int originalLength, FoldCounts counts, string hidden)
    {
        _text = text;
        _origins = origins;
        Length = length;
        _originalLength = originalLength;
        Counts = counts;
        Hidden = hidden;
    }

    /// <summary>Characters that are left.</summary>
    public int Length { get; }

    /// <summary>The text: lower case, no marks, single spaces.</summary>
    public ReadOnlySpan<char> Text => _text.AsSpan(0, Length);

    /// <summary>What was met on the way.</summary>
    public FoldCounts Counts { get; }

    /// <summary>What was written in invisible tag characters; empty: nothing.</summary>
    public string Hidden { get; }

    /// <summary>The place in the original text, in UTF-16 code units, of a character of this one; for the end, that of the original.</summary>
    /// <param name="index">0 to <see cref="Length"/>.</param>
    public int Origin(int index) => index >= Length ? _originalLength : _origins[index];

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_text.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_text);
            ArrayPool<int>.Shared.Return(_origins);
            (_text, _origins) = ([], []);
        }
    }
}
