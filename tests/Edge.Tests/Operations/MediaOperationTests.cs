using System.Text;
using Gateway.Contracts.Usage;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Operations;

/// <summary>Images and audio, as JSON and as forms.</summary>
public sealed class MediaOperationTests
{
    private static readonly byte[] _file = [.. Enumerable.Range(0, 64_000).Select(static i => (byte)(i * 31))];

    [Fact]
    public async Task Images_are_made_and_billed_each()
    {
        await using var host = await OperationsHost.StartAsync();
        var answer = await host.JsonAsync("/v1/images/generations", """{"model":"sim?usage=0","prompt":"a cat","n":3}""");
        Assert.Equal(3, answer["data"]!.AsArray().Count);
        var counted = await host.JsonAsync("/openai/deployments/sim/images/generations", """{"prompt":"a cat"}""");
        Assert.Equal(272, counted["usage"]!["output_tokens"]!.GetValue<int>());
        var records = await host.Edge.RecordsAsync(2);
        Assert.All(records, static r => Assert.Equal(Operation.Image, r.Operation));
        Assert.True(records[0].CostNanoUsd >= 3 * 40_000_000);
        Assert.Equal(272, records[1].Tokens.ImageOutput);
        Assert.False(records[1].Estimated);
    }

    [Theory]
    [InlineData("/v1/images/edits")]
    [InlineData("/v1/images/variations")]
    public async Task A_form_reaches_the_provider_with_another_model_and_not_one_other_byte_changed(string path)
    {
        await using var host = await OperationsHost.StartAsync(more: "", keyMore: "");
        using var response = await host.FormAsync(path, "image", _file, ("model", "sim-pictures"), ("prompt", "a hat"), ("n", "2"));
        Assert.Equal(2, (await OperationsHost.JsonAsync(response))["data"]!.AsArray().Count);
        var received = Assert.Single(host.Simulator.Received);
        Assert.Equal(path, received.Path);
        Assert.StartsWith("multipart/form-data; boundary=", received.Headers["content-type"], StringComparison.Ordinal);
        Assert.True(received.Body.Span.IndexOf(_file) > 0);
        Assert.Contains("sim-pictures", received.BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_is_given_the_model_that_the_address_names()
    {
        await using var host = await OperationsHost.StartAsync();
        using var response = await host.FormAsync("/openai/deployments/sim/audio/transcriptions", "file", _file, ("language", "en"));
        Assert.Equal("These are the spoken words.", (await OperationsHost.JsonAsync(response))["text"]!.GetValue<string>());
        Assert.Contains("name=\"model\"\r\n\r\nsim\r\n", Assert.Single(host.Simulator.Received).BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/audio/transcriptions", "json", "spoken")]
    [InlineData("/v1/audio/transcriptions", "verbose_json", "spoken")]
    [InlineData("/v1/audio/transcriptions", "text", "spoken")]
    [InlineData("/v1/audio/transcriptions", "srt", "-->")]
    [InlineData("/v1/audio/translations", "vtt", "WEBVTT")]
    public async Task Recordings_are_transcribed_in_every_form(string path, string format, string expected)
    {
        await using var host = await OperationsHost.StartAsync();
        using var response = await host.FormAsync(path, "file", _file, ("model", "sim"), ("response_format", format));
        Assert.Contains(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(200, (int)response.StatusCode);
        var record = Assert.Single(await host.Edge.RecordsAsync(1));
        Assert.Equal(Operation.Transcription, record.Operation);
        // Four seconds by the provider's count, eight by size where it has none.
        Assert.True(record.CostNanoUsd >= (format.EndsWith("json", StringComparison.Ordinal) ? 400_000 : 800_000));
        // The recording's bytes are not taken for text.
        Assert.True(record.Tokens.Input < 100);
    }

    [Fact]
    public async Task The_length_of_a_wave_file_is_read_where_the_provider_does_not_tell()
    {
        await using var host = await OperationsHost.StartAsync();
        // Three seconds of 16,000 bytes.
        byte[] wave = [.. "RIFF\0\0\0\0WAVEfmt \u0010\0\0\0\u0001\0\u0001\0"u8, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, .. new byte[48_000 - 32]];
        using var response = await host.FormAsync("/v1/audio/transcriptions", "file", wave, ("model", "sim"), ("response_format", "text"));
        Assert.Equal(200, (int)response.StatusCode);
        var record = Assert.Single(await host.Edge.RecordsAsync(1));
        Assert.InRange(record.CostNanoUsd, 300_000, 400_000);
        Assert.Equal(30, record.Tokens.AudioInput);
    }

    [Fact]
    public async Task A_form_goes_to_the_next_target_when_the_first_fails()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        simulator.Script("status=503");
        await using var edge = await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              one: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
              two: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
            deployments:
              one: { provider: one, model: whisper-one }
              two: { provider: two, model: whisper-two-with-a-longer-name }
            routes:
              hear: { targets: [ { deployment: one, priority: 1 }, { deployment: two, priority: 2 } ] }
            keys:
              main: { value: {{EdgeHost.Key}} }
            """);
        using var form = new MultipartFormDataContent { { new StringContent("hear"), "model" }, { new ByteArrayContent(_file), "file", "a.mp3" } };
        using var response = await edge.Client.PostAsync(new Uri("/v1/audio/transcriptions", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Contains("spoken", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.All(simulator.Received, static r => Assert.True(r.Body.Span.IndexOf(_file) > 0));
        Assert.Contains(simulator.Received, static r => r.BodyText.Contains("whisper-two-with-a-longer-name", StringComparison.Ordinal));
        Assert.Equal(RequestOutcome.Completed, Assert.Single(await edge.RecordsAsync(1)).Outcome);
    }

    [Fact]
    public async Task Speech_comes_as_sound_and_is_billed_by_character()
    {
        await using var host = await OperationsHost.StartAsync();
        using var response = await host.Edge.PostAsync("/v1/audio/speech", """{"model":"sim","input":"hällo","voice":"alloy"}""");
        Assert.Equal("audio/mpeg", response.Content.Headers.ContentType?.MediaType);
        var sound = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(256 + (5 * 32), sound.Length);
        Assert.True(sound.AsSpan().StartsWith("ID3"u8));
        var record = Assert.Single(await host.Edge.RecordsAsync(1));
        Assert.Equal((Operation.Speech, RequestOutcome.Completed), (record.Operation, record.Outcome));
        Assert.InRange(record.CostNanoUsd, 5 * 10_000, (5 * 10_000) + 100_000);
    }

    [Fact]
    public async Task Speech_that_is_cut_is_no_success()
    {
        await using var host = await OperationsHost.StartAsync();
        using var response = await host.Edge.PostAsync("/v1/audio/speech", """{"model":"sim?cut=200","input":"hello","voice":"alloy"}""");
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(RequestOutcome.UpstreamCut, Assert.Single(await host.Edge.RecordsAsync(1)).Outcome);
    }

    [Fact]
    public async Task Events_of_images_pass_and_their_usage_is_summed()
    {
        const string events = "event: image_generation.partial_image\ndata: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"AA==\"}\n\n"
            + "event: image_generation.completed\ndata: {\"type\":\"image_generation.completed\",\"b64_json\":\"AA==\",\"usage\":{\"input_tokens\":9,\"output_tokens\":272,\"total_tokens\":281,\"input_tokens_details\":{\"text_tokens\":9,\"image_tokens\":0}}}\n\n";
        await using var provider = new FixedProvider("text/event-stream", events);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        using var response = await edge.PostAsync("/v1/images/generations", """{"model":"sim","prompt":"a cat","stream":true,"partial_images":1}""");
        Assert.Equal(events, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.Completed, 9L, 272L, false), (record.Outcome, record.Tokens.Input, record.Tokens.ImageOutput, record.Estimated));
    }

    [Fact]
    public async Task A_stream_of_events_without_its_end_is_a_cut()
    {
        await using var provider = new FixedProvider("text/event-stream", "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"AA==\"}\n\n");
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        using var response = await edge.PostAsync("/v1/images/generations", """{"model":"sim","prompt":"a cat","stream":true}""");
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(RequestOutcome.UpstreamCut, Assert.Single(await edge.RecordsAsync(1)).Outcome);
    }

    [Fact]
    public async Task Deepgram_speaks_for_callers_of_OpenAI()
    {
        await using var provider = new FixedProvider("audio/mpeg", "sound");
        await using var edge = await EdgeHost.StartAsync(Configuration("deepgram", provider));
        using var speech = await edge.PostAsync("/v1/audio/speech", """{"model":"voice","input":"hello","voice":"aura-2-thalia-en"}""");
        Assert.Equal("sound", await speech.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var wrong = await edge.PostAsync("/v1/audio/speech", """{"model":"voice","input":"hello","voice":"aura-2-thalia-en","response_format":"xyz"}""");
        await EdgeHost.ErrorAsync(wrong, 400, "unsupported_by_provider");
        using var noText = await edge.PostAsync("/v1/audio/speech", """{"model":"voice","input":["x"],"voice":"aura-2-thalia-en"}""");
        await EdgeHost.ErrorAsync(noText, 400, "invalid_value");
    }

    [Theory]
    [InlineData("json", "application/json")]
    [InlineData("srt", "application/x-subrip")]
    public async Task Deepgram_listens_for_callers_of_OpenAI(string format, string contentType)
    {
        const string answer = """{"metadata":{"duration":12.5},"results":{"channels":[{"detected_language":"en","alternatives":[{"transcript":"two words","words":[{"word":"two","start":0.1,"end":0.5},{"word":"words","start":0.6,"end":1}]}]}]}}""";
        await using var provider = new FixedProvider("application/json", answer);
        await using var edge = await EdgeHost.StartAsync(Configuration("deepgram", provider));
        using var form = new MultipartFormDataContent { { new ByteArrayContent("{}"u8.ToArray()), "file", "a.wav" }, { new StringContent("voice"), "model" }, { new StringContent(format), "response_format" } };
        using var response = await edge.Client.PostAsync(new Uri("/v1/audio/transcriptions", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Contains("two words", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.MediaType);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(1_250_000, record.CostNanoUsd - record.Tokens.Input - record.Tokens.AudioInput - record.Tokens.Output);
    }

    [Fact]
    public async Task Bad_forms_are_refused()
    {
        await using var host = await OperationsHost.StartAsync();
        await RefusedAsync(host, "multipart/form-data", "--b\r\n", "invalid_value");
        await RefusedAsync(host, "multipart/form-data; boundary=b", "no boundary in here", "invalid_value");
        await RefusedAsync(host, "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nsim\r\n", "invalid_value");
        await RefusedAsync(host, "multipart/form-data; boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\nsim\r\n--b--\r\n", "invalid_value");
        await RefusedAsync(host, "multipart/form-data; boundary=b", Form(("model", "sim")), "missing_required_parameter");
        await RefusedAsync(host, "multipart/form-data; boundary=b", Form(("file", "x")), "missing_required_parameter");
        await RefusedAsync(host, "multipart/form-data; boundary=b", Form(("model", "sim"), ("model", "sim"), ("file", "x")), "duplicate_parameter");
        await RefusedAsync(host, "multipart/form-data; boundary=b", Form(("model", "sim"), ("stream", "perhaps"), ("file", "x")), "invalid_value");
        await RefusedAsync(host, "application/json", """{"model":"sim"}""", "unsupported_content_type", 415);
        Assert.Empty(host.Simulator.Received);
    }

    [Fact]
    public async Task Values_of_a_form_are_guarded_and_budgets_hold_for_units()
    {
        await using var host = await OperationsHost.StartAsync(
            keyMore: ", budgets: [small]",
            more: """
            budgets:
              small: { limitUsd: 0.1, window: total }
            settings: { blockedTerms: [forbidden] }
            """);
        using var blocked = await host.FormAsync("/v1/images/edits", "image", _file, ("model", "sim"), ("prompt", "a forbidden hat"));
        Assert.Equal("content_blocked", (await EdgeHost.ErrorAsync(blocked, 400, "content_blocked"))["code"]!.GetValue<string>());
        using var dear = await host.Edge.PostAsync("/v1/images/generations", """{"model":"sim","prompt":"x","n":3}""");
        await EdgeHost.ErrorAsync(dear, 402, "budget_exceeded");
    }

    private static string Configuration(string kind, FixedProvider provider) => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          voice: { kind: {{kind}}, baseUrl: "{{provider.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
        deployments:
          voice: { provider: voice, model: nova-3, price: { inputPerMillion: 0.001, outputPerMillion: 0.001, perAudioSecond: 0.0001 } }
        routes:
          voice: { targets: [ { deployment: voice } ] }
        keys:
          main: { value: {{EdgeHost.Key}} }
        """;

    private static string Form(params (string Name, string Value)[] values) =>
        string.Concat(values.Select(static v => $"--b\r\nContent-Disposition: form-data; name=\"{v.Name}\"\r\n\r\n{v.Value}\r\n")) + "--b--\r\n";

    private static async Task RefusedAsync(OperationsHost host, string contentType, string body, string code, int status = 400)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var response = await host.Edge.Client.PostAsync(new Uri("/v1/audio/transcriptions", UriKind.Relative), content, TestContext.Current.CancellationToken);
        await EdgeHost.ErrorAsync(response, status, code);
    }
}
