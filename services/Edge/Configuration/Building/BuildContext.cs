using Gateway.Edge.Configuration.Yaml;

namespace Gateway.Edge.Configuration.Building;

/// <summary>What the building of one snapshot collects on its way.</summary>
internal sealed class BuildContext(GatewayFileOptions options, List<ConfigurationProblem> errors)
{
    private readonly List<ConfigurationProblem> _warnings = [];

    public GatewayFileOptions Options { get; } = options;

    public Expansion Expansion { get; } = new(options);

    public IReadOnlyList<ConfigurationProblem> Warnings => _warnings;

    /// <summary>How many errors there are so far.</summary>
    public int Errors => errors.Count;

    public void Error(string path, ConfigNode at, string message) => errors.Add(new ConfigurationProblem(path, at.Line, at.Column, message));

    public void Error(TextValue value, string message) => Error(value.Path, value.Node, message);

    public void Warn(string path, ConfigNode at, string message) => _warnings.Add(new ConfigurationProblem(path, at.Line, at.Column, message));

    public void Warn(string message) => _warnings.Add(new ConfigurationProblem("", 0, 0, message));
}

/// <summary>A text of the file with its place, so that a later check can point at it.</summary>
internal sealed record TextValue(string Text, string Path, ConfigNode Node);
