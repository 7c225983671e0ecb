using System.Buffers;

namespace Gateway.Guardrails.Engine.BlockedTerms;

/// <summary>A text in folded case, in a borrowed buffer.</summary>
internal readonly ref struct FoldedText
{
    private readonly char[] _rented;

    public FoldedText(in DetectorText text)
    {
        var all = text.Text;

        // Half a character may come in the next piece; folding needs both halves.
        var length = !text.IsComplete && all.Length > 0 && char.IsHighSurrogate(all[^1]) ? all.Length - 1 : all.Length;
        _rented = ArrayPool<char>.Shared.Rent(length);
        Text = _rented.AsSpan(0, length);
        CaseFold.Fold(all[..length], Text);
    }

    public Span<char> Text { get; }

    // It held a prompt: the next renter must not see it.
    public void Dispose() => ArrayPool<char>.Shared.Return(_rented, clearArray: true);
}
