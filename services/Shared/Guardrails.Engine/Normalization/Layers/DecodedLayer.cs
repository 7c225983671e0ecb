namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>How a text was hidden inside another.</summary>
public enum LayerKind
{
    /// <summary>Base64, either alphabet.</summary>
    Base64 = 1,

    /// <summary>Hexadecimal or binary digits of bytes.</summary>
    Digits = 2,

    /// <summary>Escapes of addresses, HTML or programming languages.</summary>
    Escapes = 3,

    /// <summary>Letters moved along the alphabet by one distance, ROT13 among them.</summary>
    Shifted = 4,

    /// <summary>Written backwards.</summary>
    Reversed = 5,

    /// <summary>Digits and signs for letters.</summary>
    Leet = 6,

    /// <summary>Letters set apart by spaces or signs.</summary>
    Spaced = 7,

    /// <summary>Cut into quoted parts that are to be put together.</summary>
    Parts = 8,

    /// <summary>Characters that nobody sees.</summary>
    Invisible = 9,
}

/// <summary>A text found inside another, and where the hidden form of it stood.</summary>
/// <param name="Text">What it reads as.</param>
/// <param name="Kind">How it was hidden.</param>
/// <param name="Start">Where the hidden form begins in the outermost text, in UTF-16 code units.</param>
/// <param name="Length">How long the hidden form is.</param>
/// <param name="Depth">1: in the text itself; 2: in a layer of depth 1.</param>
public sealed record DecodedLayer(string Text, LayerKind Kind, int Start, int Length, int Depth);
