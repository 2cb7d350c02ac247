<?php
// A server of its own for the PHP tests, the program that PINION_SERVER names on a free port, and what a test needs to
// say what it expects.
declare(strict_types=1);

final class Server
{
    public readonly int $port;
    /** @var resource */
    private $process;

    public function __construct()
    {
        $program = getenv('PINION_SERVER') ?: throw new RuntimeException('PINION_SERVER must name the server program');
        $this->port = self::freePort();
        $command = [$program, '--port', (string) $this->port, '--loglevel', 'warning', '--save', ''];
        $this->process = proc_open($command, [['file', '/dev/null', 'r'], STDERR, STDERR], $pipes, sys_get_temp_dir());
        for ($i = 0; $i < 500 && !$this->accepts(); ++$i) {
            usleep(20_000);
        }
    }

    /** Ends the server; returns its exit status. */
    public function stop(): int
    {
        proc_terminate($this->process);
        do {
            $status = proc_get_status($this->process);
        } while ($status['running'] && usleep(10_000) === null);
        return $status['exitcode'];
    }

    public function connect(): Redis
    {
        $redis = new Redis();
        $redis->connect('127.0.0.1', $this->port, 5.0, null, 0, 5.0);
        return $redis;
    }

    private static function freePort(): int
    {
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
        fclose($probe);
        return $port;
    }

    private function accepts(): bool
    {
        $socket = @stream_socket_client("tcp://127.0.0.1:{$this->port}", $error, $text, 0.2);
        return $socket !== false && fclose($socket);
    }
}

/** Throws unless the values are the same, with their types. */
function same(mixed $expected, mixed $actual): void
{
    if ($expected !== $actual) {
        throw new Exception('expected ' . json_encode($expected) . ', got ' . json_encode($actual));
    }
}

/** Calls every method of $tests whose name begins with "test", on an empty keyspace; returns how many failed. */
function runTests(object $tests, Redis $redis): int
{
    $failed = 0;
    foreach (preg_grep('/^test/', get_class_methods($tests)) as $name) {
        $redis->flushAll();
        try {
            $tests->$name();
            echo "ok      $name\n";
        } catch (Throwable $e) {
            ++$failed;
            $line = current(array_filter($e->getTrace(), fn ($call) => ($call['function'] ?? '') === 'same'));
            echo "FAILED  $name, line " . ($line['line'] ?? $e->getLine()) . ": {$e->getMessage()}\n";
        }
    }
    return $failed;
}
