namespace Gateway.McpHub.Search;

/// <summary>A tool as the search sees it.</summary>
/// <param name="Server">Id of its server.</param>
/// <param name="Name">Its name at its server.</param>
/// <param name="Description">What it does; empty where nothing is said.</param>
/// <param name="Parameters">Names of its parameters, and what is said of them.</param>
/// <param name="Fingerprint">Hash of all that is said of it; what is worked out of a tool is kept under it.</param>
internal sealed record SearchTool(string Server, string Name, string Description, IReadOnlyList<string> Parameters, string Fingerprint);

/// <summary>A tool that was found.</summary>
/// <param name="Index">Its place in the list that was searched.</param>
/// <param name="Score">How well it fits; comparable within one search.</param>
internal readonly record struct FoundTool(int Index, double Score);

/// <summary>What was found for one step of a question.</summary>
/// <param name="Text">The step; empty for what else fits the question as a whole.</param>
/// <param name="Tools">The tools, best first; a tool that an earlier step has is not here again.</param>
internal sealed record FoundStep(string Text, IReadOnlyList<FoundTool> Tools);
