namespace Gateway.Guardrails.Engine.Policies;

/// <summary>Members of a rule that only some detectors have.</summary>
[Flags]
public enum DetectorMembers
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>terms</c></summary>
    Terms = 1,

    /// <summary><c>patterns</c></summary>
    Patterns = 2,

    /// <summary><c>context</c></summary>
    Context = 4,

    /// <summary><c>allow</c></summary>
    Allow = 8,

    /// <summary><c>max</c></summary>
    Max = 16,

    /// <summary><c>schema</c></summary>
    Schema = 32,

    /// <summary><c>endpoint</c></summary>
    Endpoint = 64,

    /// <summary><c>judgeRoute</c></summary>
    JudgeRoute = 128,

    /// <summary><c>judgePrompt</c></summary>
    JudgePrompt = 256,

    /// <summary><c>minScore</c></summary>
    MinScore = 512,
}
