namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>Finds texts hidden inside a text, layer by layer. Depth, number and size of what it reads are bounded, and so is its time by the text's length.</summary>
public static class LayerReader
{
    /// <summary>How many layers may lie inside one another.</summary>
    public const int MaxDepth = 3;

    /// <summary>Most layers of one text.</summary>
    public const int MaxLayers = 16;

    /// <summary>Most characters of all layers together.</summary>
    public const int MaxCharacters = 65_536;

    // Shorter ones say nothing, and many ordinary words look like them.
    internal const int MinText = 8;

    /// <summary>What is hidden in the text, in the order found.</summary>
    /// <param name="text">The text as it came.</param>
    /// <param name="folded">The same text folded.</param>
    public static IReadOnlyList<DecodedLayer> Read(ReadOnlySpan<char> text, FoldedText folded)
    {
        ArgumentNullException.ThrowIfNull(folded);
        var clues = Clues.Of(text);
        if (!clues.Any && folded.Hidden.Length < MinText)
        {
            return [];
        }

        var found = new LayerList(0, text.Length, 1);
        if (folded.Hidden.Length >= MinText)
        {
            found.Add(folded.Hidden, LayerKind.Invisible, 0, text.Length);
        }

        ReadInto(text, clues, found);
        for (var next = 0; next < found.Layers.Count; next++)
        {
            var outer = found.Layers[next];
            if (outer.Depth < MaxDepth && Clues.Of(outer.Text) is { Any: true } inner)
            {
                ReadInto(outer.Text, inner, found.Inside(outer));
            }
        }

        return found.Layers;
    }

    private static void ReadInto(ReadOnlySpan<char> text, in Clues clues, LayerList found)
    {
        if (clues.Encoded)
        {
            EncodedLayers.Read(text, found);
        }

        if (clues.Escapes > 3)
        {
            EscapeLayers.Read(text, found);
        }

        if (clues.Leet > 1)
        {
            SpelledLayers.ReadLeet(text, found);
        }

        if (clues.Spaced)
        {
            SpelledLayers.ReadSpaced(text, found);
        }

        if (clues.Quotes > 3 && clues.Quotes <= 64)
        {
            PartLayers.Read(text, found);
        }

        if (clues.Ciphered)
        {
            ShiftedLayers.Read(text, found);
        }
    }
}
