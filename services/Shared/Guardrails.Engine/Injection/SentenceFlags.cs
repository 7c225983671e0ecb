namespace Gateway.Guardrails.Engine.Injection;

/// <summary>What a sentence is and where it stands. The bits are part of the model's features.</summary>
[Flags]
internal enum SentenceFlags : uint
{
    None = 0,
    Question = 1 << 0,
    Exclamation = 1 << 1,
    Colon = 1 << 2,
    Only = 1 << 3,
    First = 1 << 4,
    Middle = 1 << 5,
    Last = 1 << 6,
    AfterTag = 1 << 7,
    AfterQuote = 1 << 8,
    AfterLine = 1 << 9,
    AfterBar = 1 << 10,
    AfterSign = 1 << 11,
    Data = 1 << 12,
    Layer = 1 << 13,
    Foreign = 1 << 14,
    Capitals = 1 << 15,
}
