using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Dialects.Tests.Anthropic;

/// <summary>The order of events that official clients rely on.</summary>
internal static class AnthropicStreamOrder
{
    public static void Check(byte[] sse)
    {
        var next = 0;
        int? open = null;
        var state = "";
        foreach (var frame in Encoding.UTF8.GetString(sse).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = frame.Split('\n');
            var e = JsonNode.Parse(lines[1]["data: ".Length..])!;
            var type = (string)e["type"]!;
            Assert.Equal("event: " + type, lines[0]);
            switch (type)
            {
                case "message_start":
                    Assert.Equal("", state);
                    break;
                case "content_block_start":
                    Assert.Null(open);
                    Assert.Equal(next, (int)e["index"]!);
                    open = next++;
                    break;
                case "content_block_delta":
                    Assert.Equal(open, (int)e["index"]!);
                    break;
                case "content_block_stop":
                    Assert.Equal(open, (int)e["index"]!);
                    open = null;
                    break;
                case "message_delta":
                    Assert.Null(open);
                    Assert.Equal("message_start", state);
                    Assert.NotNull(e["delta"]!["stop_reason"]);
                    break;
                case "message_stop":
                    Assert.Equal("message_delta", state);
                    break;
                default:
                    Assert.Fail(type);
                    break;
            }

            state = type.StartsWith("message", StringComparison.Ordinal) ? type : state;
        }

        Assert.Equal("message_stop", state);
    }
}
