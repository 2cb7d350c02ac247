<?php
// phpredis, the client that most PHP programs have, unmodified against the built server.
declare(strict_types=1);

require __DIR__ . '/server.php';

final class ClientTest
{
    public function __construct(private Server $server, private Redis $r)
    {
    }

    public function testStringsAndKeys(): void
    {
        $r = $this->r;
        same(true, $r->set('k', 'v', ['nx', 'ex' => 100]));
        same(false, $r->set('k', 'w', ['nx']));
        same(100, $r->ttl('k'));
        same(true, $r->persist('k'));
        same(-1, $r->ttl('k'));
        same('v', $r->getSet('k', "bytes \0\r\n"));
        same("bytes \0\r\n", $r->get('k'));
        same(false, $r->get('none'));
        same([1, 3, 2.5], [$r->incr('n'), $r->incrBy('n', 2), $r->incrByFloat('n', -0.5)]);
        same(true, $r->mSet(['a' => '1', 'b' => '2']));
        same(['1', false, '2'], $r->mGet(['a', 'none', 'b']));
        same([Redis::REDIS_STRING, 2], [$r->type('a'), $r->exists('a', 'b', 'none')]);
        same(true, $r->rename('a', 'c'));
        same(2, $r->del('b', 'c'));
    }

    public function testCollections(): void
    {
        $r = $this->r;
        same(3, $r->rPush('list', 'a', 'b', 'c'));
        same(['a', 'b'], $r->lRange('list', 0, 1));
        same('c', $r->rPop('list'));
        same(2, $r->hSet('hash', 'f', 'v') + $r->hSet('hash', 'g', '2'));
        same(['f' => 'v', 'g' => '2'], $r->hGetAll('hash'));
        same(['f' => 'v', 'none' => false], $r->hMGet('hash', ['f', 'none']));
        same(5, $r->hIncrBy('hash', 'g', 3));
        same([2, 1], [$r->sAdd('set', 'a', 'b'), $r->sAdd('other', 'b')]);
        same([['b'], true], [$r->sInter('set', 'other'), $r->sIsMember('set', 'a')]);
        same(3, $r->zAdd('zset', 1, 'one', 2, 'two', 2.5, 'more'));
        same(['one' => 1.0, 'two' => 2.0], $r->zRangeByScore('zset', '-inf', '2', ['withscores' => true]));
        same([1, 4.5], [$r->zRank('zset', 'two'), $r->zIncrBy('zset', 2, 'more')]);
        same(2, $r->geoAdd('geo', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania'));
        same(166.2742, $r->geoDist('geo', 'Palermo', 'Catania', 'km'));
        same([1, 1], [$r->pfAdd('log', ['a', 'b']), (int) ($r->pfCount('log') === 2)]);
    }

    public function testScanVisitsEveryKey(): void
    {
        $this->r->setOption(Redis::OPT_SCAN, Redis::SCAN_RETRY);
        $this->r->mSet(array_fill_keys(array_map(fn ($i) => "key:$i", range(1, 1000)), 'v'));
        $found = [];
        $cursor = null;
        while (($keys = $this->r->scan($cursor, 'key:*', 100)) !== false) {
            array_push($found, ...$keys);
        }
        same(1000, count(array_unique($found)));
    }

    public function testPipeline(): void
    {
        $pipe = $this->r->multi(Redis::PIPELINE);
        for ($i = 0; $i < 500; ++$i) {
            $pipe->set("k$i", (string) $i)->get("k$i");
        }
        $replies = $pipe->lPush('k0', 'x')->exec();
        same([1001, true, '499', false], [count($replies), $replies[998], $replies[999], $replies[1000]]);
        same(true, str_starts_with($this->r->getLastError(), 'WRONGTYPE Operation against a key'));
        $this->r->clearLastError();
    }

    public function testTransaction(): void
    {
        $r = $this->r;
        same([true, 2, 'v'], $r->multi()->set('k', 'v')->rPush('list', 'a', 'b')->get('k')->exec());
        $r->multi()->set('k', 'w');
        same(true, $r->discard());
        same('v', $r->get('k'));
    }

    public function testAWatchedKeyThatChangedStopsTheTransaction(): void
    {
        $other = $this->server->connect();
        foreach ([false, true] as $interfere) {
            same(true, $this->r->watch('balance'));
            $balance = (int) $this->r->get('balance');
            if ($interfere) {
                $other->set('balance', '100');
            }
            $done = $this->r->multi()->set('balance', (string) ($balance + 1))->exec();
            same($interfere ? false : [true], $done);
        }
        same('100', $this->r->get('balance'));
    }

    public function testScripts(): void
    {
        $r = $this->r;
        $script = "redis.call('SET', KEYS[1], ARGV[1]) return {redis.call('GET', KEYS[1]), 7, KEYS[1]}";
        same(['v', 7, 'k'], $r->eval($script, ['k', 'v'], 1));
        same(sha1($script), $r->script('load', $script));
        same([1, 0], $r->script('exists', sha1($script), str_repeat('0', 40)));
        same(['w', 7, 'l'], $r->evalSha(sha1($script), ['l', 'w'], 1));
        same(false, $r->evalSha(str_repeat('0', 40)));
        same('NOSCRIPT No matching script. Please use EVAL.', $r->getLastError());
        $r->clearLastError();
        try {
            $thrown = $r->eval("return redis.error_reply('MINE own words')");
        } catch (RedisException $e) {
            $thrown = $e->getMessage();
        }
        same('MINE own words', $thrown);
    }

    public function testPubSub(): void
    {
        $received = [];
        $publisher = $this->inChild(function (Redis $r) {
            while ($r->publish('news', 'first') === 0) {
                usleep(1000);
            }
            $r->publish('news', 'second');
            $r->publish('elsewhere', 'unheard');
            $r->publish('news', 'last');
        });
        $subscriber = $this->server->connect();
        $note = function (Redis $r, string $channel, string $message) use (&$received) {
            $received[] = "$channel: $message";
            if ($message === 'last') {
                $r->close();
            }
        };
        try {
            $subscriber->subscribe(['news', 'sport'], $note);
        } catch (RedisException) {
            // The only way out of phpredis's loop: its connection was closed.
        }
        same(['news: first', 'news: second', 'news: last'], $received);
        same(0, $publisher());
    }

    public function testABlockingPopWaitsForAPush(): void
    {
        $pusher = $this->inChild(function (Redis $r) {
            while (($r->info('clients')['blocked_clients'] ?? 0) == 0) {
                usleep(1000);
            }
            $r->rPush('queue', 'job');
        });
        same(['queue', 'job'], $this->r->blPop(['urgent', 'queue'], 5));
        same(0, $pusher());
        same([], $this->r->blPop('queue', 1));
    }

    public function testStreamsAndGroups(): void
    {
        $r = $this->r;
        same('1-1', $r->xAdd('stream', '1-1', ['field' => 'value']));
        same(true, $r->xGroup('CREATE', 'stream', 'workers', '0'));
        same(['stream' => ['1-1' => ['field' => 'value']]], $r->xReadGroup('workers', 'me', ['stream' => '>']));
        same([1, 1], [$r->xAck('stream', 'workers', ['1-1']), $r->xLen('stream')]);
    }

    public function testSerializedValuesUnderAPrefix(): void
    {
        $r = $this->server->connect();
        $r->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_PHP);
        $r->setOption(Redis::OPT_PREFIX, 'app:');
        $value = ['n' => 1, 'deep' => [null, 2.5, "\xff"]];
        same(true, $r->set('k', $value));
        same($value, $r->get('k'));
        same(serialize($value), $this->r->get('app:k'));
    }

    // The lock is a SET NX with a deadline, taken back by a script.
    public function testSessionsWithTheirLocks(): void
    {
        $id = session_id();
        session_start();
        $_SESSION['user'] = 'ada';
        same(true, (bool) $this->r->exists("PHPREDIS_SESSION:{$id}_LOCK"));
        session_write_close();
        same(['PHPREDIS_SESSION:' . $id], $this->r->keys('*'));
        $_SESSION = [];
        session_id($id);
        session_start();
        same('ada', $_SESSION['user']);
        session_destroy();
        same(0, $this->r->dbSize());
    }

    /** Runs $work in another process, with a connection of its own; what is returned waits and gives its exit status. */
    private function inChild(callable $work): callable
    {
        $child = pcntl_fork();
        if ($child === 0) {
            $work($this->server->connect());
            posix_kill(posix_getpid(), SIGKILL);  // Without the parent's shutdown functions.
        }
        return function () use ($child): int {
            pcntl_waitpid($child, $status);
            return pcntl_wifsignaled($status) ? 0 : 1;
        };
    }
}

$server = new Server();
register_shutdown_function(fn () => $server->stop());
// Headers, and so everything about sessions, come before any output.
ob_start();
ini_set('session.save_handler', 'redis');
ini_set('session.save_path', "tcp://127.0.0.1:{$server->port}");
ini_set('redis.session.locking_enabled', '1');
ini_set('session.use_cookies', '0');
session_id('0123456789abcdef0123456789abcdef');
$redis = $server->connect();
$failed = runTests(new ClientTest($server, $redis), $redis);
$status = $server->stop();
if ($status !== 0) {
    ++$failed;
    echo "FAILED  the server ended with status $status\n";
}
ob_end_flush();
exit($failed === 0 ? 0 : 1);
