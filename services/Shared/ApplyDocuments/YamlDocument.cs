using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gateway.ApplyDocuments;

/// <summary>Something that is wrong with a document.</summary>
/// <param name="Line">Where, from 1 on; 0 where it cannot be told.</param>
/// <param name="Path">Path of the value, for example <c>teams.web.limits</c>; empty where there is none.</param>
/// <param name="Message">What is wrong.</param>
public sealed record DocumentProblem(int Line, string Path, string Message);

/// <summary>
/// A YAML or JSON document as JSON values that know their lines. Anchors, aliases and tags are refused, keys are unique, size and depth are bounded.
/// </summary>
public sealed partial class YamlDocument
{
    /// <summary>The longest text that is read, in characters.</summary>
    public const int MostCharacters = 16 * 1024 * 1024;

    private const int DeepestNesting = 32;
    private const int MostProblems = 100;
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly List<DocumentProblem> _problems = [];
    private readonly Parser _parser;

    private YamlDocument(string text) => _parser = new Parser(new StringReader(text));

    /// <summary>The root; null when it is no mapping or nothing could be read.</summary>
    public JsonObject? Root { get; private set; }

    /// <summary>What is wrong; empty when the whole text was read.</summary>
    public IReadOnlyList<DocumentProblem> Problems => _problems;

    /// <summary>Reads a text.</summary>
    public static YamlDocument Read(string text)
    {
        if (text.Length > MostCharacters)
        {
            var large = new YamlDocument("");
            large.Problem(0, "", $"The document is longer than {MostCharacters / (1024 * 1024)} million characters.");
            return large;
        }

        var document = new YamlDocument(text);
        try
        {
            document.ReadAll();
        }
        catch (YamlException e)
        {
            document.Problem((int)e.Start.Line, "", $"This is not valid YAML. {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // What the parser throws, besides its own exception, for some malformed texts.
            document.Problem((int)(document._parser.Current?.End.Line ?? 1), "", "This is not valid YAML, here or a little further down.");
        }

        if (document._problems.Count > 0)
        {
            document.Root = null;
        }

        return document;
    }

    /// <summary>The line of a value, or of the nearest value above it that is in the document.</summary>
    public int LineOf(string path)
    {
        for (var at = path; ; at = at[..Math.Max(at.LastIndexOf('.'), at.LastIndexOf('['))])
        {
            if (_lines.TryGetValue(at, out var line))
            {
                return line;
            }

            if (at.LastIndexOfAny(['.', '[']) <= 0)
            {
                return 0;
            }
        }
    }

    private void ReadAll()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            Problem(1, "", "The document is empty.");
            return;
        }

        var line = (int)_parser.Current!.Start.Line;
        Root = Node("", 0) as JsonObject;
        if (Root is null && _problems.Count == 0)
        {
            Problem(line, "", "The document must be a mapping of keys to values.");
        }

        if (_problems.Count == 0)
        {
            _parser.Consume<DocumentEnd>();
            if (_parser.TryConsume<DocumentStart>(out var second))
            {
                Problem((int)second.Start.Line, "", "There is more than one document: keep one.");
            }
        }
    }

    private JsonNode? Node(string path, int depth)
    {
        _lines.TryAdd(path, (int)_parser.Current!.Start.Line);
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            Problem((int)alias.Start.Line, path, "Aliases (*name) are not supported: write the value out.");
            return null;
        }

        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            Problem((int)anchored.Start.Line, path, "Anchors (&name) are not supported: write the value out where it is needed.");
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return Value(scalar);
        }

        if (depth >= DeepestNesting)
        {
            throw new YamlException(_parser.Current!.Start, _parser.Current.End, $"Nested deeper than {DeepestNesting} levels.");
        }

        return _parser.TryConsume<SequenceStart>(out _) ? List(path, depth) : Mapping(path, depth);
    }

    private JsonArray List(string path, int depth)
    {
        var list = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            list.Add(Node($"{path}[{list.Count}]", depth + 1));
        }

        return list;
    }

    private JsonObject Mapping(string path, int depth)
    {
        _parser.Consume<MappingStart>();
        var mapping = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var line = (int)_parser.Current!.Start.Line;
            if (!_parser.TryConsume<Scalar>(out var key))
            {
                throw new YamlException(_parser.Current.Start, _parser.Current.End, "A key must be plain text.");
            }

            var place = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
            if (mapping.ContainsKey(key.Value))
            {
                Problem(line, place, $"This key was given before, in line {_lines.GetValueOrDefault(place)}: keep one of the two.");
                Node(place + "\0", depth + 1);
                continue;
            }

            _lines.TryAdd(place, line);
            mapping[key.Value] = Node(place, depth + 1);
        }

        return mapping;
    }

    private static JsonNode? Value(Scalar scalar)
    {
        var text = scalar.Value;
        return scalar.Style is not ScalarStyle.Plain ? JsonValue.Create(text) : text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when Whole().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            _ when Fraction().IsMatch(text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }

    private void Problem(int line, string path, string message)
    {
        if (_problems.Count < MostProblems)
        {
            _problems.Add(new DocumentProblem(line, path, message));
        }
    }

    [GeneratedRegex("^[-+]?(0|[1-9][0-9]*)$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]{1,3})?$")]
    private static partial Regex Fraction();
}
