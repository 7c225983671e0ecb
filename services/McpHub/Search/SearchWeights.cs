namespace Gateway.McpHub.Search;

/// <summary>How the signs that a tool fits are put together. Chosen on a part of the questions of benchmarks/mcptools, and held nearer to the middle than what was best there.</summary>
internal sealed record SearchWeights
{
    public static SearchWeights Default { get; } = new();

    /// <summary>Weight of a word found in a tool's name.</summary>
    public double Name { get; init; } = 0.3;

    /// <summary>Weight of a word found in its description.</summary>
    public double Description { get; init; } = 1.0;

    /// <summary>Weight of a word found in the rest of a long description.</summary>
    public double More { get; init; } = 0.3;

    /// <summary>Weight of a word found in its server's name.</summary>
    public double Server { get; init; } = 0.8;

    /// <summary>Weight of a word found in its parameters.</summary>
    public double Parameters { get; init; } = 0.4;

    /// <summary>Weight of a synonym beside the word itself.</summary>
    public double Synonym { get; init; } = 1.0;

    /// <summary>How soon more finds of a word count no more.</summary>
    public double Saturation { get; init; } = 1.6;

    /// <summary>How much the length of a field counts against it.</summary>
    public double Length { get; init; } = 1.0;

    /// <summary>Share of what words say.</summary>
    public double Lexical { get; init; } = 0.85;

    /// <summary>Share of what meaning says.</summary>
    public double Semantic { get; init; } = 1.2;

    /// <summary>For a tool whose server the part of the question names.</summary>
    public double ServerNamed { get; init; } = 0.17;

    /// <summary>For a tool whose server another part of the question names.</summary>
    public double ServerNamedElsewhere { get; init; } = 0.05;

    /// <summary>For a tool that runs whatever it is given, where its server is named.</summary>
    public double ForAnything { get; init; } = 0.55;

    /// <summary>For tools of the server that the best tool of the step before is of, where a step names none.</summary>
    public double SameAsBefore { get; init; } = 0.2;

    /// <summary>For the share of a name's words that the question has.</summary>
    public double NameCovered { get; init; } = 0.34;

    /// <summary>Against a tool that does something else than what is asked for: lists where something is to be stored.</summary>
    public double OtherAction { get; init; } = 0.025;
}
