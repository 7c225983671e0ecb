namespace Gateway.Guardrails.Engine.Pii;

/// <summary>A run of letters and digits.</summary>
internal struct Token
{
    public int Start;
    public int End;
    public Shape Shape;
    public WordClass Class;

    /// <summary>What it says about numbers near it.</summary>
    public Cue Cue;

    public readonly int Length => End - Start;

    public readonly bool Is(WordClass wanted) => (Class & wanted) != 0;

    public readonly bool Has(Shape wanted) => (Shape & wanted) != 0;
}

[Flags]
internal enum Shape : byte
{
    None = 0,
    Letters = 1,
    Digits = 2,

    /// <summary>Begins with a capital.</summary>
    Capital = 4,

    /// <summary>More than one letter, all of them capitals.</summary>
    AllCapitals = 8,

    /// <summary>A capital after a small letter.</summary>
    InnerCapital = 16,
}

/// <summary>What the word list knows of a word.</summary>
[Flags]
internal enum WordClass : uint
{
    None = 0,
    Common = 1,
    Given = 2,
    Surname = 4,
    Place = 8,
    Nationality = 16,
    Organization = 32,
    Notable = 64,
    Honorific = 128,
    Degree = 256,
    OrganizationSuffix = 512,
    Street = 1024,
    StreetPrefix = 2048,
    Unit = 4096,
    Weekday = 8192,
    Month = 16384,
    State = 32768,

    /// <summary>Begins names of several words.</summary>
    Phrase = 65536,
    NameParticle = 131072,
    Url = 262144,
}
