using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;

namespace Gateway.LlmSimulator.Native.Realtime;

/// <summary>OpenAI's realtime WebSocket: a session that answers each <c>response.create</c> with words.</summary>
internal sealed class RealtimeServer(SimulatorOptions options, ControlState control, Ledger ledger, CancellationToken stopping)
{
    private const int MaxMessage = 1 << 20;

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.BodyWriter.WriteAsync(ErrorAnswer.Write(StatusCodes.Status400BadRequest, null, "The realtime API is a WebSocket."), context.RequestAborted).ConfigureAwait(false);
            return;
        }

        var name = context.Request.Query["model"].ToString();
        if (options.ApiKey is { } key && context.Request.Headers.Authorization != "Bearer " + key)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var question = name.IndexOf('?', StringComparison.Ordinal);
        var model = question < 0 ? name : name[..question];
        if (!BehaviourKnobs.TryApply(control.Next(), question < 0 ? "" : name[(question + 1)..], out var behaviour, out _) || behaviour.Status > 0)
        {
            context.Response.StatusCode = behaviour?.Status ?? StatusCodes.Status400BadRequest;
            return;
        }

        ledger.Enter();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
            await new RealtimeSession(socket, model, behaviour, ledger).RunAsync(ends.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            ledger.ClientLeft();
        }
        finally
        {
            ledger.Leave("/v1/realtime", StatusCodes.Status101SwitchingProtocols);
        }
    }

    private sealed class RealtimeSession(WebSocket socket, string model, SimulatorBehaviour behaviour, Ledger ledger)
    {
        private readonly Ledger.Account _account = ledger.AccountOf(model);
        private long _promptBytes;
        private int _number;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            await SendAsync("session.created", new JsonObject { ["session"] = Session() }, cancellationToken).ConfigureAwait(false);
            var buffer = new byte[MaxMessage];
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult received;
                do
                {
                    received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                    length += received.Count;
                }
                while (!received.EndOfMessage && length < buffer.Length);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
                    return;
                }

                await AnswerAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            }
        }

        private async Task AnswerAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            using var json = JsonDocument.Parse(message);
            switch (json.RootElement.GetText("type"))
            {
                case "session.update":
                    await SendAsync("session.updated", new JsonObject { ["session"] = Session() }, cancellationToken).ConfigureAwait(false);
                    break;
                case "conversation.item.create":
                    _promptBytes += PromptText.Bytes(json.RootElement, "item");
                    await SendAsync("conversation.item.added", new JsonObject { ["previous_item_id"] = null, ["item"] = JsonNode.Parse(json.RootElement.Get("item")!.Value.GetRawText()) }, cancellationToken).ConfigureAwait(false);
                    break;
                case "response.create":
                    await RespondAsync(cancellationToken).ConfigureAwait(false);
                    break;
                case "response.cancel":
                    // Answers are made in one go: there is nothing left to cancel.
                    break;
                case { } other:
                    await SendAsync("error", new JsonObject { ["error"] = new JsonObject { ["type"] = "invalid_request_error", ["code"] = "invalid_value", ["message"] = $"Invalid value: '{other}'.", ["param"] = "type" } }, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    await SendAsync("error", new JsonObject { ["error"] = new JsonObject { ["type"] = "invalid_request_error", ["message"] = "Missing required parameter: 'type'." } }, cancellationToken).ConfigureAwait(false);
                    break;
            }
        }

        private async Task RespondAsync(CancellationToken cancellationToken)
        {
            var pieces = new CompiledBehaviour(behaviour).Pieces;
            var text = string.Concat(pieces.Select(System.Text.Encoding.UTF8.GetString));
            var prompt = Vectors(_promptBytes);
            await SendAsync("response.created", new JsonObject { ["response"] = Response("in_progress", "", 0, 0) }, cancellationToken).ConfigureAwait(false);
            foreach (var piece in pieces)
            {
                if (behaviour.Rate > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1 / behaviour.Rate), cancellationToken).ConfigureAwait(false);
                }

                await SendAsync("response.output_text.delta", new JsonObject { ["response_id"] = "resp_rt", ["output_index"] = 0, ["content_index"] = 0, ["delta"] = System.Text.Encoding.UTF8.GetString(piece) }, cancellationToken).ConfigureAwait(false);
            }

            await SendAsync("response.output_text.done", new JsonObject { ["response_id"] = "resp_rt", ["output_index"] = 0, ["content_index"] = 0, ["text"] = text }, cancellationToken).ConfigureAwait(false);
            ledger.Bill(0, _account, prompt, pieces.Length);
            await SendAsync("response.done", new JsonObject { ["response"] = Response("completed", text, prompt, pieces.Length) }, cancellationToken).ConfigureAwait(false);
        }

        private static int Vectors(long bytes) => (int)((bytes + 3) / 4);

        private JsonObject Session() => new() { ["type"] = "realtime", ["object"] = "realtime.session", ["id"] = "sess_sim", ["model"] = model, ["output_modalities"] = new JsonArray("text") };

        private static JsonObject Response(string status, string text, int input, int output) => new()
        {
            ["object"] = "realtime.response",
            ["id"] = "resp_rt",
            ["status"] = status,
            ["output"] = text.Length == 0 ? new JsonArray() : new JsonArray(new JsonObject { ["type"] = "message", ["role"] = "assistant", ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = text }) }),
            ["usage"] = status == "in_progress" ? null : new JsonObject { ["total_tokens"] = input + output, ["input_tokens"] = input, ["output_tokens"] = output },
        };

        private async Task SendAsync(string type, JsonObject payload, CancellationToken cancellationToken)
        {
            payload.Insert(0, "type", type);
            payload.Insert(1, "event_id", "event_" + (++_number).ToString(System.Globalization.CultureInfo.InvariantCulture));
            await socket.SendAsync(NativeJson.Bytes(payload), WebSocketMessageType.Text, true, cancellationToken).ConfigureAwait(false);
        }
    }
}
