namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>What was met while a text was folded; each is a number of characters unless it says otherwise.</summary>
public struct FoldCounts
{
    /// <summary>Characters that take no room.</summary>
    public int Invisible { get; set; }

    /// <summary>Controls that turn the direction of writing.</summary>
    public int Bidi { get; set; }

    /// <summary>Characters of the tags block, which carry text that nobody sees.</summary>
    public int Tags { get; set; }

    /// <summary>Letters in a style or width of their own: mathematical, circled, full-width, small capitals.</summary>
    public int Styled { get; set; }

    /// <summary>Words in which letters of other scripts stand for Latin ones.</summary>
    public int MixedWords { get; set; }

    /// <summary>Capital letters.</summary>
    public int Upper { get; set; }

    /// <summary>Letters of any kind.</summary>
    public int Letters { get; set; }

    /// <summary>Letters outside ASCII.</summary>
    public int NonAscii { get; set; }

    /// <summary>Pictures and other characters above U+FFFF that are not letters.</summary>
    public int Symbols { get; set; }
}
