using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>Values as JSON and back: <c>json.dumps</c>, <c>json.loads</c>, and what tools take and give.</summary>
internal static class JsonModule
{
    private const int MaxDepth = 64;

    private static readonly JsonWriterOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth };
    private static readonly JsonWriterOptions _indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth, Indented = true };

    public static NamespaceValue Namespace { get; } = new("json", new Dictionary<string, object>
    {
        ["loads"] = new BuiltinValue("json.loads", Loads),
        ["decode"] = new BuiltinValue("json.decode", Loads),
        ["dumps"] = new BuiltinValue("json.dumps", static c => c.Bind("value", "indent?", "sort_keys?", "ensure_ascii?", "separators?", "default?") is var a ? Text(a[0]!, a[1] is not (null or None), c.Meter) : None.Value),
        ["encode"] = new BuiltinValue("json.encode", static c => Text(c.Bind("value")[0]!, isIndented: false, c.Meter)),
    });

    public static object Read(JsonElement element, Meter meter)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False:
                return Boxes.Of(element.ValueKind == JsonValueKind.True);
            case JsonValueKind.Number:
                return element.TryGetInt64(out var integer) ? Boxes.Of(integer) : element.GetDouble();
            case JsonValueKind.String:
                var text = Decode(element);
                meter.AllocateText(text.Length);
                return text;
            case JsonValueKind.Array:
                meter.AllocateItems(element.GetArrayLength());
                var list = new List<object>(element.GetArrayLength());
                foreach (var item in element.EnumerateArray())
                {
                    list.Add(Read(item, meter));
                }

                return new ListValue(list);
            case JsonValueKind.Object:
                var dict = new DictValue();
                foreach (var member in element.EnumerateObject())
                {
                    meter.AllocateText(member.Name.Length + 24);
                    dict.Set(member.Name, Read(member.Value, meter));
                }

                return dict;
            default:
                return None.Value;
        }
    }

    /// <summary>Writes a value. What JSON has no form for is an error.</summary>
    public static byte[] Write(object value, Meter meter, bool isIndented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, isIndented ? _indented : _plain))
        {
            Write(value, writer, meter, 0);
        }

        meter.Allocate(buffer.WrittenCount);
        return buffer.WrittenSpan.ToArray();
    }

    private static string Text(object value, bool isIndented, Meter meter)
    {
        var json = Write(value, meter, isIndented);
        meter.AllocateText(json.Length);
        return Encoding.UTF8.GetString(json);
    }

    private static object Loads(Invocation call)
    {
        var text = call.Text(call.Bind("text")[0], "text");
        call.Meter.Allocate(4L * text.Length);
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Read(document.RootElement, call.Meter);
        }
        catch (JsonException e)
        {
            throw call.Error($"the text is no JSON (line {e.LineNumber + 1}).", "look at what it begins with");
        }
        catch (ArgumentException)
        {
            throw call.Error("the text has characters that are none.");
        }
    }

    private static string Decode(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: kept out, as no text that can be written again has one.
            return "\uFFFD";
        }
    }

    private static void Write(object value, Utf8JsonWriter writer, Meter meter, int depth)
    {
        meter.Allocate(16);
        if (depth >= MaxDepth)
        {
            throw ScriptException.Runtime($"Values for JSON are nested more than {MaxDepth} levels deep.");
        }

        switch (value)
        {
            case None:
                writer.WriteNullValue();
                break;
            case bool b:
                writer.WriteBooleanValue(b);
                break;
            case long i:
                writer.WriteNumberValue(i);
                break;
            case double d:
                if (!double.IsFinite(d))
                {
                    throw ScriptException.Runtime("Infinity and nan have no form in JSON.");
                }

                writer.WriteNumberValue(d);
                break;
            case string s:
                meter.AllocateText(s.Length);
                writer.WriteStringValue(s);
                break;
            case DictValue dict:
                writer.WriteStartObject();
                foreach (var (key, item) in dict.Items)
                {
                    var name = key as string ?? (key is long or bool or double or None ? Show.Str(key, meter) : throw ScriptException.Runtime($"A {ValueTypes.NameOf(key)} cannot be a name in JSON."));
                    meter.AllocateText(name.Length);
                    writer.WritePropertyName(name);
                    Write(item, writer, meter, depth + 1);
                }

                writer.WriteEndObject();
                break;
            case ErrorValue error:
                writer.WriteStringValue(error.Message);
                break;
            case ListValue or TupleValue or SetValue or RangeValue:
                writer.WriteStartArray();
                foreach (var item in Iteration.ToList(value, meter))
                {
                    Write(item, writer, meter, depth + 1);
                }

                writer.WriteEndArray();
                break;
            default:
                throw ScriptException.Runtime($"A {ValueTypes.NameOf(value)} has no form in JSON.");
        }
    }
}
