namespace Gateway.Guardrails.Engine.Moderation;

/// <summary>What a word or phrase is a sign of.</summary>
[Flags]
internal enum Sign : ulong
{
    None = 0,
    Slur = 1 << 0,
    Group = 1 << 1,
    Degrade = 1 << 2,
    Eliminate = 1 << 3,
    Insult = 1 << 4,
    You = 1 << 5,
    Threat = 1 << 6,
    Violent = 1 << 7,
    Graphic = 1 << 8,
    Glorify = 1 << 9,
    SelfHarm = 1 << 10,
    FirstPerson = 1 << 11,
    SexExplicit = 1 << 12,
    SexWeak = 1 << 13,
    Minor = 1 << 14,
    MinorSexStrong = 1 << 15,
    Drug = 1 << 16,
    Weapon = 1 << 17,
    Crime = 1 << 18,
    Make = 1 << 19,
    Calm = 1 << 20,
}
