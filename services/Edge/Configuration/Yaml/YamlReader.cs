using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gateway.Edge.Configuration.Yaml;

/// <summary>
/// Reads one YAML document into nodes that know their place. Works on the parser's events rather than on YamlDotNet's own node model:
/// that stops at the first duplicate key, follows aliases without limit and recurses as deep as the file says.
/// </summary>
internal sealed class YamlReader
{
    private const int MostCharacters = 16 * 1024 * 1024;
    private const int DeepestNesting = 24;
    private readonly List<ConfigurationProblem> _problems;
    private readonly Parser _parser;
    private bool _gaveUp;

    private YamlReader(string text, List<ConfigurationProblem> problems)
    {
        _problems = problems;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The document's root, or null when it has none or cannot be read; whatever is wrong is added to the problems.</summary>
    public static ConfigNode? Read(string text, List<ConfigurationProblem> problems)
    {
        if (text.Length > MostCharacters)
        {
            problems.Add(new ConfigurationProblem("", 0, 0, $"The file is larger than {MostCharacters / (1024 * 1024)} million characters."));
            return null;
        }

        var reader = new YamlReader(text, problems);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            problems.Add(new ConfigurationProblem("", (int)e.Start.Line, (int)e.Start.Column, $"This is not valid YAML. {Sentence(e)}"));
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // What YamlDotNet's scanner throws, besides its own exception, for some malformed texts; found by the mutation tests.
            var place = reader._parser.Current?.End;
            problems.Add(new ConfigurationProblem("", (int)(place?.Line ?? 1), (int)(place?.Column ?? 1), "This is not valid YAML, here or a little further down."));
            return null;
        }
    }

    private ConfigNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = ReadNode("", depth: 0);
        if (_gaveUp)
        {
            return null;
        }

        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
        {
            Report("", second, "The file holds more than one YAML document: keep one, and remove the line '---' before this one.");
            return null;
        }

        return root;
    }

    private ConfigNode ReadNode(string path, int depth)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            Report(path, alias, "Aliases (*name) are not supported: write the value out.");
            return new ScalarNode(LineOf(alias), ColumnOf(alias), "", Quoted: false);
        }

        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            Report(path, anchored, "Anchors (&name) are not supported: write the value out where it is needed.");
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return new ScalarNode(LineOf(scalar), ColumnOf(scalar), scalar.Value, scalar.Style is not ScalarStyle.Plain);
        }

        if (depth >= DeepestNesting)
        {
            Report(path, _parser.Current!, $"Nested deeper than {DeepestNesting} levels.");
            _gaveUp = true;
            return new ScalarNode(0, 0, "", Quoted: false);
        }

        return _parser.TryConsume<SequenceStart>(out var sequence) ? ReadSequence(sequence, path, depth) : ReadMapping(path, depth);
    }

    private SequenceNode ReadSequence(SequenceStart start, string path, int depth)
    {
        var items = new List<ConfigNode>();
        while (!_gaveUp && !_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode($"{path}[{items.Count}]", depth + 1));
        }

        return new SequenceNode(LineOf(start), ColumnOf(start), items);
    }

    private MappingNode ReadMapping(string path, int depth)
    {
        var start = _parser.Consume<MappingStart>();
        var entries = new List<ConfigEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!_gaveUp && !_parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(path, depth + 1);
            var name = key is ScalarNode { Text: var text } ? text : "?";
            var value = _gaveUp ? key : ReadNode(path.Length == 0 ? name : $"{path}.{name}", depth + 1);
            if (key is not ScalarNode scalar)
            {
                _problems.Add(new ConfigurationProblem(path, key.Line, key.Column, "A key must be plain text."));
            }
            else if (!lines.TryAdd(scalar.Text, scalar.Line))
            {
                _problems.Add(new ConfigurationProblem(
                    path.Length == 0 ? name : $"{path}.{name}", scalar.Line, scalar.Column, $"This key was given before, in line {lines[scalar.Text]}: keep one of the two."));
            }
            else
            {
                entries.Add(new ConfigEntry(scalar, value));
            }
        }

        return new MappingNode(LineOf(start), ColumnOf(start), entries);
    }

    private void Report(string path, ParsingEvent at, string message) => _problems.Add(new ConfigurationProblem(path, LineOf(at), ColumnOf(at), message));

    private static int LineOf(ParsingEvent at) => (int)at.Start.Line;

    private static int ColumnOf(ParsingEvent at) => (int)at.Start.Column;

    private static string Sentence(YamlException e)
    {
        var message = e.Message;
        var colon = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        message = (colon < 0 ? message : message[(colon + 3)..]).Trim();
        return message.EndsWith('.') ? message : message + ".";
    }
}
